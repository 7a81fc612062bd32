-- include: clock money call usage recount
-- SNAPSHOT: an account's counters beside the same counters added up from its calls, at one instant. Changes nothing.
-- KEYS: account, calls, due. ARGV: clock, account.
local a = redis.call('HMGET', KEYS[1], 'base', 'ver', 'pend', 'held', 'u')
if not a[3] then
  return 'load'
end
local calls = calls_of(redis.call('HGETALL', KEYS[2]), ARGV[2])
local oldest = 0
for _, call in ipairs(calls) do
  oldest = math.max(oldest, now - tonumber(call[ADMITTED]))
end
local sum = recount(calls)
return 'ok|' .. a[1] .. '|' .. a[2] .. '|' .. a[3] .. '|' .. a[4] .. '|' .. usage(a[5])[RUNNING]
  .. '|' .. sum.pend .. '|' .. sum.held .. '|' .. int(sum.running) .. '|' .. int(#calls) .. '|' .. int(oldest)
