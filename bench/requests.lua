-- Sends the requests of a file in turn, and reports as one line of JSON. For wrk:
--   wrk … -s requests.lua URL -- FILE
-- Lines of FILE are METHOD\tPATH\tHEADERS\tBODY, where HEADERS are `name: value` joined by `|`.
-- Every request is formatted beforehand, so that the client costs next to nothing.

local ready, at = {}, 0

local function read(line)
    local method, path, headers, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local table = {}
    for name, value in headers:gmatch("([^|:]+): ([^|]*)") do
        table[name] = value
    end
    return wrk.format(method, path, table, body ~= "" and body or nil)
end

function init(args)
    for line in io.lines(args[1]) do
        ready[#ready + 1] = read(line)
    end
end

function request()
    at = at % #ready + 1
    return ready[at]
end

function done(summary, latency, _)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "failed": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), failed))
end
