-- include: clock money call usage
-- RELEASE: an admission whose answer never came is taken back, as if it had not been. Leaves a mark for one lease,
-- so that the admission, should it arrive after this, is refused.
-- KEYS: account, calls, due. ARGV: clock, call, lease.
local known = redis.call('HGET', KEYS[2], ARGV[2])
local call = known and parse(known)
if call and call[STATE] ~= 'H' then
  if call[STATE] == 'X' then
    return 'ok'
  end
  return 'gone'
end
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[3])), ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], '1|X\n')
if not call then
  return 'ok'
end
local held = redis.call('HGET', KEYS[1], 'held')
if held then
  local writes = usages(call, function(use, window)
    bump(use, RUNNING, -1)
    if use[START] == window then
      bump(use, REQUESTS, -1)
      bump(use, WINDOW_TOKENS, -tonumber(call[TOKENS]))
    end
    spend(use, call[DAY], call[MONTH], sub('0', call[HOLD]))
  end)
  redis.call('HSET', KEYS[1], 'held', sub(held, call[HOLD]), unpack(writes))
end
return 'ok'
