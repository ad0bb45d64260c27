-- Adds a batch of changes to a room. The same batch once more changes nothing and is answered as
-- it was; one that comes after a later one, by a connection that was given up, is refused.
-- KEYS: about, log, people, the node's last batch, the node's rooms
-- ARGV: epoch, the newest event that the node has, the log's length, node, batch, room; then the
-- changes
-- Returns 0 and the number of each change's event (0 if it has none); 1 if the log is another one;
-- 2 if it is shorter than the node knows it; 3 if a later batch was added.
about, log, people = KEYS[1], KEYS[2], KEYS[3]
local most, node, batch = ARGV[3], ARGV[4], ARGV[5]
local epoch, newest = unpack(redis.call('HMGET', about, 'epoch', 'newest'))
if epoch ~= ARGV[1] then
    return { 1 }
end
local answer = { 0 }
local done = redis.call('GET', KEYS[4])
if done then
    local of, seqs = done:match('^(%d+):(.*)$')
    if of == batch then
        -- Something is written, so that WAIT after it waits for what was added before.
        redis.call('EXPIRE', KEYS[4], 3600)
        for seq in seqs:gmatch('%d+') do
            table.insert(answer, tonumber(seq))
        end
        return answer
    end
    if tonumber(of) > tonumber(batch) then
        return { 3 }
    end
end
if tonumber(newest or 0) < tonumber(ARGV[2]) then
    return { 2 }
end
local seqs = {}
local i = 7
while i <= #ARGV do
    local kind, seq = ARGV[i], 0
    if kind == 'say' then
        seq = add(most, ARGV[i + 1])
        i = i + 2
    elseif kind == 'tell' then
        seq = tell(most, ARGV[i + 1])
        i = i + 2
    elseif kind == 'came' then
        redis.call('SADD', KEYS[5], ARGV[6])
        if enter(ARGV[i + 1], ARGV[i + 2], node) and ARGV[i + 3] ~= '' then
            seq = tell(most, ARGV[i + 3])
        end
        i = i + 4
    elseif kind == 'left' then
        if exit(ARGV[i + 1], node) and ARGV[i + 2] ~= '' then
            seq = tell(most, ARGV[i + 2])
        end
        i = i + 3
    else
        return redis.error_reply('a change of an unknown kind')
    end
    table.insert(answer, seq)
    table.insert(seqs, string.format('%.0f', seq))
end
redis.call('SET', KEYS[4], batch .. ':' .. table.concat(seqs, ','), 'EX', 3600)
keep()
return answer
