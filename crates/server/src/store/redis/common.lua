-- The time in milliseconds, by the clock of Redis.
local function now_ms()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A room's keys, as the functions below know them.
local about, log, people

-- Adds an event under the next number, and drops what is beyond the log's length.
local function add(most, event, online)
    local seq = redis.call('HINCRBY', about, 'newest', 1)
    local id = string.format('%.0f-0', seq)
    if online then
        redis.call('XADD', log, 'MAXLEN', '=', most, id, 'e', event, 'o', online)
    else
        redis.call('XADD', log, 'MAXLEN', '=', most, id, 'e', event)
    end
    return seq
end

-- Adds a join or leave, with the number of people who are here now.
local function tell(most, event)
    return add(most, event, redis.call('HLEN', people))
end

-- Adds a node to those that hold a person. Returns whether the person came.
local function enter(id, person, node)
    local held = redis.call('HGET', people, id)
    if not held then
        redis.call('HSET', people, id, cjson.encode({ person = person, nodes = { [node] = 1 } }))
        return true
    end
    held = cjson.decode(held)
    if not held.nodes[node] then
        held.nodes[node] = 1
        redis.call('HSET', people, id, cjson.encode(held))
    end
    return false
end

-- Removes a node from those that hold a person. Returns whether the person left.
local function exit(id, node)
    local held = redis.call('HGET', people, id)
    if not held then
        return false
    end
    held = cjson.decode(held)
    if not held.nodes[node] then
        return false
    end
    held.nodes[node] = nil
    if next(held.nodes) then
        redis.call('HSET', people, id, cjson.encode(held))
        return false
    end
    redis.call('HDEL', people, id)
    return true
end

-- Removes a node from all persons but those of `stay`, and reports who left by that.
local function exit_all(node, stay, most)
    local all = redis.call('HGETALL', people)
    local left = {}
    for i = 1, #all, 2 do
        local held = cjson.decode(all[i + 1])
        if held.nodes[node] and not stay[all[i]] then
            table.insert(left, { all[i], cjson.decode(held.person) })
        end
    end
    -- Whoever came first leaves first; a hash has no order of its own.
    table.sort(left, function(one, other)
        if one[2].since ~= other[2].since then
            return one[2].since < other[2].since
        end
        return one[1] < other[1]
    end)
    for _, one in ipairs(left) do
        if exit(one[1], node) then
            local event = { seq = 0, kind = 'leave', from = one[2].name, online = 0, at = now_ms() }
            tell(most, cjson.encode(event))
        end
    end
end

-- Keeps a room for a week after what has just happened in it.
local function keep()
    for _, key in ipairs({ about, log, people }) do
        redis.call('EXPIRE', key, 7 * 24 * 3600)
    end
end
