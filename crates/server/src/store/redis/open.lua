-- Opens a room for a node, under a new epoch if it is not there.
-- KEYS: about, log, people
-- ARGV: the new epoch, seconds that a room without events is kept
-- Returns epoch, newest event, entries.
about, log, people = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HSETNX', about, 'epoch', ARGV[1]) == 1 then
    redis.call('DEL', log, people)
    redis.call('EXPIRE', about, ARGV[2])
end
local epoch, newest = unpack(redis.call('HMGET', about, 'epoch', 'newest'))
return { epoch, tonumber(newest or 0), redis.call('XRANGE', log, '-', '+') }
