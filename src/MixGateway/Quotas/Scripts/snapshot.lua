-- include: clock money call usage recount
-- SNAPSHOT: an account's counters beside the same counters added up from its calls, at one instant. Changes nothing.
-- KEYS: account, calls, due. ARGV: clock, account.
local a = redis.call('HMGET', KEYS[1], 'base', 'ver', 'pend', 'held', 'u')
if not a[3] then
  return 'load'
end
local all = redis.call('HGETALL', KEYS[2])
local oldest = 0
local sum = recount(all, function(call)
  if call[ACCOUNT] ~= ARGV[2] then
    return false
  end
  oldest = math.max(oldest, now - tonumber(call[ADMITTED]))
  return true
end)
return 'ok|' .. a[1] .. '|' .. a[2] .. '|' .. a[3] .. '|' .. a[4] .. '|' .. usage(a[5])[RUNNING]
  .. '|' .. sum.pend .. '|' .. sum.held .. '|' .. int(sum.running) .. '|' .. int(sum.calls) .. '|' .. int(oldest)
