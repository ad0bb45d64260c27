-- Removes the people of a node whose lease is over from a room.
-- KEYS: nodes, about, log, people
-- ARGV: node, the log's length
about, log, people = KEYS[2], KEYS[3], KEYS[4]
local lease = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lease and tonumber(lease) >= now_ms() then
    return 0
end
exit_all(ARGV[1], {}, ARGV[2])
keep()
return 0
