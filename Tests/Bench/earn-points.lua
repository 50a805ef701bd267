-- The load of earn-points.sh: points for a member drawn over all, with a key of its own each time.
-- Arguments: the number of members, the id of the program.

local threads = 0
local workers = {}

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
    table.insert(workers, thread)
end

local query = "mutation($input: EarnPointsInput!) { earnPoints(input: $input) "
    .. "{ account { spendable } entries { id } userErrors { code } } }"

function init(arguments)
    members = tonumber(arguments[1])
    program = arguments[2]
    math.randomseed(os.time() * 16 + number)
    start = os.time() .. "-" .. number
    headers = { ["Content-Type"] = "application/json", ["Host"] = "127.0.0.1" }
    place = 0
    failures = 0
end

function request()
    place = place + 1
    return wrk.format("POST", "/graphql", headers, string.format(
        '{"query":"%s","variables":{"input":{"memberId":"mem_%d","programId":"%s","points":%d,'
            .. '"reason":"purchase","idempotencyKey":"%s-%d"}}}',
        query, math.random(members), program, math.random(1, 50), start, place))
end

-- Every answer is looked at: one with an error has earned nothing.
function response(status, headers, body)
    if status ~= 200 or not body:find('"userErrors":[]', 1, true) or body:sub(1, 8) ~= '{"data":' then
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
