-- Forgets a node whose lease is over and whose people were removed.
-- KEYS: nodes, the node's rooms, its bell
-- ARGV: node
local lease = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lease and tonumber(lease) < now_ms() then
    redis.call('ZREM', KEYS[1], ARGV[1])
    redis.call('DEL', KEYS[2], KEYS[3])
end
return 0
