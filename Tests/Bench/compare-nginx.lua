-- The load of compare-nginx.sh: one POST, its id drawn over all members.
-- Arguments: the number of members, the file of the query.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

local escapes = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n' }

function init(arguments)
    local members = tonumber(arguments[1])
    local file = assert(io.open(arguments[2]))
    local query = file:read("*a"):gsub('["\\\n]', escapes)
    file:close()
    -- Requests are made beforehand, so that the load costs little while it runs.
    math.randomseed(os.time() * 16 + number)
    local headers = { ["Content-Type"] = "application/json", ["Host"] = "127.0.0.1" }
    requests = {}
    for place = 1, 32768 do
        local id = "mem_" .. math.random(members)
        local body = '{"query":"' .. query .. '","variables":{"id":"' .. id .. '"}}'
        requests[place] = wrk.format("POST", "/graphql", headers, body)
    end
    place = 0
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary)
    local errors = summary.errors
    io.write(string.format(
        "RESULT %d %d %d\n", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
