-- include: clock money call usage limits
-- PEEK: may a call of this key run at all, before its body is read? Asks what ADMIT asks and what does not depend on the call. Changes nothing.
-- KEYS: account. ARGV: clock, key, day, month, version of the change of the key that the gateway knows, store, '1' if every call costs something.
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held', 'policy', 'u', 'k:' .. ARGV[2], 'u:' .. ARGV[2], 'store')
if not a[2] or not a[6] or (ARGV[6] ~= '' and a[8] ~= ARGV[6]) then
  return 'load'
end
local policies = {nine(a[6]), nine(a[4])}
if less(policies[1][1], ARGV[5]) then
  return 'load'
end
local uses = {usage(a[7]), usage(a[5])}
local available = sub(sub(a[1], a[2]), a[3])
roll(uses, ARGV[3], ARGV[4])

local function refuse(kind, scope, limit, remaining, retry, holding)
  return refusal(kind, scope, limit, remaining, retry, available, holding, policies, uses)
end

local dead = lifeless(policies)
if dead then
  return refuse(dead, LIVES[dead], '-', '-', '-')
end
local kind, scope, limit, retry = crowded(policies, uses)
if kind then
  return refuse(kind, scope, limit, '0', retry)
end
if ARGV[7] == '1' then
  for _, period in ipairs(SPENDS) do
    for i = 1, 2 do
      local max = policies[i][period[2]]
      if max ~= '-' and not less(uses[i][period[3]], max) then
        return refuse(period[1], SCOPES[i], max, '0', '-', holding_of(uses[i], period[3], a[3]))
      end
    end
  end
  if not less('0', available) then
    return refuse('balance', 'account', '-', available, '-', a[3])
  end
end
return 'ok'
