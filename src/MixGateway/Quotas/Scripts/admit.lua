-- include: clock money call usage limits
-- ADMIT: alive, within limits, affordable -> HELD. One round trip; a refusal changes nothing.
-- KEYS: account, calls, due. ARGV: clock, call, account, key, hold, tokens, lease, day, month, record, version as of which the gateway knows the key, version of the change that it knows, store.
local id, hold, tokens = ARGV[2], ARGV[5], tonumber(ARGV[6])
if refused(hold) or refused(ARGV[6]) then
  return redis.error_reply('a hold and its tokens must not be negative')
end

local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held', 'policy', 'u', 'k:' .. ARGV[4], 'u:' .. ARGV[4], 'store')
if not a[2] or not a[6] or (ARGV[13] ~= '' and a[8] ~= ARGV[13]) then
  return 'load'
end

-- version, status, requests, tokens, running, spend per day, per month, in all, expiry (of a key)
local policies = {nine(a[6]), nine(a[4])}
local uses = {usage(a[7]), usage(a[5])}
local available = sub(sub(a[1], a[2]), a[3])

roll(uses, ARGV[8], ARGV[9])

local function held(left)
  return 'held|' .. left .. '|' .. windows(policies, uses)
end

local function refuse(kind, scope, limit, remaining, retry, holding)
  return refusal(kind, scope, limit, remaining, retry, available, holding, policies, uses)
end

local known = redis.call('HGET', KEYS[2], id)
if known then
  if parse(known)[STATE] == 'H' then
    return held(available)
  end
  return 'gone'
end

-- The database has a change of the key that never came here, or was lost here.
if less(policies[1][1], ARGV[12]) then
  return 'load'
end
local dead = lifeless(policies)
if dead then
  return refuse(dead, LIVES[dead], '-', '-', '-')
end
-- Models and addresses are checked by the gateway, so it has to have read them after their last change.
if less(ARGV[11], policies[1][1]) then
  return 'stale|' .. policies[1][1]
end

local kind, scope, limit, retry = crowded(policies, uses)
if kind then
  return refuse(kind, scope, limit, '0', retry)
end
for i = 1, 2 do
  local max = policies[i][4]
  if max ~= '-' and tonumber(uses[i][WINDOW_TOKENS]) + tokens > tonumber(max) then
    return refuse('tokens', SCOPES[i], max, int(math.max(0, tonumber(max) - tonumber(uses[i][WINDOW_TOKENS]))), window_end(uses[i]))
  end
end
for _, period in ipairs(SPENDS) do
  for i = 1, 2 do
    local max = policies[i][period[2]]
    if max ~= '-' and less(max, add(uses[i][period[3]], hold)) then
      return refuse(period[1], SCOPES[i], max, sub(max, uses[i][period[3]]), '-', holding_of(uses[i], period[3], a[3]))
    end
  end
end
if less(available, hold) then
  return refuse('balance', 'account', '-', available, '-', a[3])
end

for i = 1, 2 do
  local use = uses[i]
  bump(use, REQUESTS, 1)
  bump(use, WINDOW_TOKENS, tokens)
  bump(use, RUNNING, 1)
  spend(use, use[U_DAY], use[U_MONTH], hold)
end

-- A hold without its call is found by a recount and never overspends; a call without its hold could.
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[7])), id)
redis.call('HSET', KEYS[1], 'held', add(a[3], hold), 'u', packed(uses[2]), 'u:' .. ARGV[4], packed(uses[1]))
redis.call('HSET', KEYS[2], id, pack({'1', 'H', 'C', ARGV[3], ARGV[4], hold, '0', ARGV[6], uses[2][START], uses[1][START],
  uses[2][U_DAY], uses[2][U_MONTH], int(now), '0'}, ARGV[10]))
return held(sub(available, hold))
