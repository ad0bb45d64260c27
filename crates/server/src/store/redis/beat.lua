-- Says that a node is alive, until its lease is over.
-- KEYS: nodes
-- ARGV: node, milliseconds of its lease
-- Returns 1 if it was alive before, else 0, and then the nodes whose lease is over.
local now = now_ms()
local was = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now))
table.insert(over, 1, was)
return over
