-- Gives a log that has lost events another epoch, unless somebody did already.
-- KEYS: about
-- ARGV: the old epoch, the new one
about = KEYS[1]
if redis.call('HGET', about, 'epoch') == ARGV[1] then
    redis.call('HSET', about, 'epoch', ARGV[2])
end
return 0
