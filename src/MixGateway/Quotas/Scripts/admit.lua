-- include: clock money call usage
-- ADMIT: alive, within limits, affordable -> HELD. One round trip; a refusal changes nothing.
-- KEYS: account, calls, due. ARGV: clock, call, account, key, hold, tokens, lease, day, month, record, version as of which the gateway knows the key, version of the change that it knows, store.
local JITTER = 1000
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
local scopes = {'key', 'account'}
local available = sub(sub(a[1], a[2]), a[3])

for i = 1, 2 do
  local use = uses[i]
  local age = now - tonumber(use[START])
  -- A window from the future is one from before the clock went back; kept, it would last until the clock has caught up.
  if age >= WINDOW or age < -JITTER then
    use[START], use[REQUESTS], use[WINDOW_TOKENS] = int(now), '0', '0'
  end
  -- A replica whose clock is behind must not take the counters back to a period that is over.
  if use[U_DAY] < ARGV[8] then
    use[U_DAY], use[DAY_SPENT] = ARGV[8], '0'
  end
  if use[U_MONTH] < ARGV[9] then
    use[U_MONTH], use[MONTH_SPENT] = ARGV[9], '0'
  end
end

local function window_end(use)
  return int(math.max(1, tonumber(use[START]) + WINDOW - now))
end

-- The tighter of the two scopes, for the x-ratelimit headers: limit, remaining, milliseconds to the window's end.
local function tightest(policy_field, use_field)
  local limit, remaining, reset = '-', nil, '-'
  for i = 1, 2 do
    local max = policies[i][policy_field]
    if max ~= '-' then
      local left = math.max(0, tonumber(max) - tonumber(uses[i][use_field]))
      if not remaining or left < remaining then
        limit, remaining, reset = max, left, window_end(uses[i])
      end
    end
  end
  if not remaining then
    return '-|-|-'
  end
  return limit .. '|' .. int(remaining) .. '|' .. reset
end

local function held(left)
  return 'held|' .. left .. '|' .. tightest(3, REQUESTS) .. '|' .. tightest(4, WINDOW_TOKENS)
end

-- holding: what running calls hold of what is missing, and will release what they do not use of it.
local function refuse(kind, scope, limit, remaining, retry, holding)
  return 'refused|' .. kind .. '|' .. scope .. '|' .. limit .. '|' .. remaining .. '|' .. retry .. '|' .. available .. '|' .. (holding or '0')
    .. '|' .. tightest(3, REQUESTS) .. '|' .. tightest(4, WINDOW_TOKENS)
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
if policies[2][2] ~= 'A' then
  return refuse('suspended', 'account', '-', '-', '-')
end
if policies[1][2] ~= 'A' then
  return refuse('revoked', 'key', '-', '-', '-')
end
if policies[1][9] ~= '-' and tonumber(policies[1][9]) <= now then
  return refuse('expired', 'key', '-', '-', '-')
end
-- Models and addresses are checked by the gateway, so it has to have read them after their last change.
if less(ARGV[11], policies[1][1]) then
  return 'stale|' .. policies[1][1]
end

for i = 1, 2 do
  local max = policies[i][5]
  if max ~= '-' and tonumber(uses[i][RUNNING]) >= tonumber(max) then
    return refuse('concurrency', scopes[i], max, '0', '1000')
  end
end
for i = 1, 2 do
  local max = policies[i][3]
  if max ~= '-' and tonumber(uses[i][REQUESTS]) >= tonumber(max) then
    return refuse('requests', scopes[i], max, '0', window_end(uses[i]))
  end
end
for i = 1, 2 do
  local max = policies[i][4]
  if max ~= '-' and tonumber(uses[i][WINDOW_TOKENS]) + tokens > tonumber(max) then
    return refuse('tokens', scopes[i], max, int(math.max(0, tonumber(max) - tonumber(uses[i][WINDOW_TOKENS]))), window_end(uses[i]))
  end
end
local spends = {{'day', 6, DAY_SPENT}, {'month', 7, MONTH_SPENT}, {'total', 8, SPENT}}
for _, period in ipairs(spends) do
  for i = 1, 2 do
    local max = policies[i][period[2]]
    if max ~= '-' and less(max, add(uses[i][period[3]], hold)) then
      -- Holds are kept by account. Of a key with running calls, they are its own at most to the amount that it has spent.
      local holding = '0'
      if tonumber(uses[i][RUNNING]) > 0 then
        holding = lesser(a[3], uses[i][period[3]])
      end
      return refuse(period[1], scopes[i], max, sub(max, uses[i][period[3]]), '-', holding)
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
