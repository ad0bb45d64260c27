-- Makes the people whom a node holds in a room those that it says, and reports who came and left
-- by that.
-- KEYS: about, log, people, the node's rooms
-- ARGV: epoch (empty for any), the log's length, node, room; then for each person the mark by which
-- they are known, the person, the event of their coming
-- Returns 0; 1 if the log is another one.
about, log, people = KEYS[1], KEYS[2], KEYS[3]
local most, node = ARGV[2], ARGV[3]
if ARGV[1] ~= '' and redis.call('HGET', about, 'epoch') ~= ARGV[1] then
    return 1
end
local stay = {}
for i = 5, #ARGV, 3 do
    stay[ARGV[i]] = true
end
exit_all(node, stay, most)
for i = 5, #ARGV, 3 do
    redis.call('SADD', KEYS[4], ARGV[4])
    if enter(ARGV[i], ARGV[i + 1], node) then
        tell(most, ARGV[i + 2])
    end
end
keep()
return 0
