-- The writing load of compare-postgres.sh: a points entry and its member's balance in one
-- transaction, for a member drawn over all.
-- Arguments: the number of members, the file of the mutation.

local threads = 0
local workers = {}

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
    table.insert(workers, thread)
end

local escapes = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n' }

function init(arguments)
    local members = tonumber(arguments[1])
    local file = assert(io.open(arguments[2]))
    local query = file:read("*a"):gsub('["\\\n]', escapes)
    file:close()
    math.randomseed(os.time() * 16 + number)
    local headers = { ["Content-Type"] = "application/json", ["Host"] = "127.0.0.1" }
    requests = {}
    failures = 0
    for place = 1, 16384 do
        local body = string.format(
            '{"query":"%s","variables":{"member":"mem_%d","delta":%d,"balance":%d,"at":"%s"}}',
            query, math.random(members), math.random(1, 200), math.random(0, 100000),
            "2026-06-30T12:00:00Z")
        requests[place] = wrk.format("POST", "/graphql", headers, body)
    end
    place = 0
end

function request()
    place = place % #requests + 1
    return requests[place]
end

-- Every answer is looked at: one with an error is no transaction.
function response(status, headers, body)
    if status ~= 200 or not body:find('"userErrors":[]},"updateMember"', 1, true)
        or body:sub(1, 8) ~= '{"data":' then
        failures = failures + 1
    end
end

function done(summary, latency)
    local errors = summary.errors
    local failures = errors.connect + errors.read + errors.write + errors.timeout
    for _, thread in ipairs(workers) do failures = failures + thread:get("failures") end
    io.write(string.format(
        "RESULT %d %d %d %d %d\n", summary.requests, summary.duration, failures,
        latency:percentile(50), latency:percentile(99)))
end
