-- The store's own clock, in milliseconds. ARGV[1] shifts it: always 0, but in tests that must not wait for a lease.
local time = redis.call('TIME')
local now = math.floor(tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000 + tonumber(ARGV[1]))

local function int(number)
  return string.format('%d', number)
end
