-- include: clock money call
-- DEBIT: a correction that takes money away is a hold of its own, then booked and acknowledged like a call. It counts against no limit.
-- KEYS: account, calls, due. ARGV: clock, id, account, amount, lease, record, store.
local id, amount = ARGV[2], ARGV[4]
if refused(amount) then
  return redis.error_reply('a debit must not be negative')
end
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held', 'store')
if not a[2] or (ARGV[7] ~= '' and a[4] ~= ARGV[7]) then
  return 'load'
end
local available = sub(sub(a[1], a[2]), a[3])
local known = redis.call('HGET', KEYS[2], id)
if known then
  if parse(known)[STATE] == 'H' then
    return 'held|' .. available
  end
  return 'gone'
end
if less(available, amount) then
  return 'refused|' .. available
end
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[5])), id)
redis.call('HSET', KEYS[1], 'held', add(a[3], amount))
redis.call('HSET', KEYS[2], id, pack({'1', 'H', 'D', ARGV[3], '-', amount, '0', '0', '-', '-', '-', '-', int(now), '0'}, ARGV[6]))
return 'held|' .. sub(available, amount)
