-- include: clock money call usage room
-- SETTLE: HELD -> SETTLED. The charge is fixed here: the cost, but no more than the hold and what balance and spend limits leave beyond it.
-- KEYS: account, calls, due. ARGV: clock, call, cost, tokens, grace, record.
if refused(ARGV[3]) or refused(ARGV[4]) then
  return redis.error_reply('a cost and its tokens must not be negative')
end
local known = redis.call('HGET', KEYS[2], ARGV[2])
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held')
local call = known and parse(known)
if not call or call[STATE] == 'X' or not a[2] then
  return 'missing'
end
if call[STATE] == 'A' then
  return 'abandoned'
end
if call[STATE] == 'S' then
  return 'ok|' .. call[COST]
end
local hold = call[HOLD]
local charge = ARGV[3]
if less(hold, charge) then
  charge = lesser(charge, add(hold, room(call, sub(sub(a[1], a[2]), a[3]))))
end
local writes = usages(call, function(use, window)
  bump(use, RUNNING, -1)
  correct_tokens(use, window, tonumber(ARGV[4]) - tonumber(call[TOKENS]))
  spend(use, call[DAY], call[MONTH], sub(charge, hold))
end)
call[STATE], call[COST], call[TOKENS] = 'S', charge, ARGV[4]
-- The call first: should the rest be lost, the account has too much held, not too little.
redis.call('HSET', KEYS[2], ARGV[2], pack(call, ARGV[6]))
redis.call('HSET', KEYS[1], 'held', sub(a[3], hold), 'pend', add(a[2], charge), unpack(writes))
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[5])), ARGV[2])
return 'ok|' .. charge
