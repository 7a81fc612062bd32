-- What ADMIT and PEEK ask of the limits of a key (1) and of its account (2), from their policies and usages.
local JITTER = 1000
local SCOPES = {'key', 'account'}
local LIVES = {suspended = 'account', revoked = 'key', expired = 'key'}
local SPENDS = {{'day', 6, DAY_SPENT}, {'month', 7, MONTH_SPENT}, {'total', 8, SPENT}}

-- Brings the windows and periods up to now.
local function roll(uses, day, month)
  for i = 1, 2 do
    local use = uses[i]
    local age = now - tonumber(use[START])
    -- A window from the future is one from before the clock went back; kept, it would last until the clock has caught up.
    if age >= WINDOW or age < -JITTER then
      use[START], use[REQUESTS], use[WINDOW_TOKENS] = int(now), '0', '0'
    end
    -- A replica whose clock is behind must not take the counters back to a period that is over.
    if use[U_DAY] < day then
      use[U_DAY], use[DAY_SPENT] = day, '0'
    end
    if use[U_MONTH] < month then
      use[U_MONTH], use[MONTH_SPENT] = month, '0'
    end
  end
end

local function window_end(use)
  return int(math.max(1, tonumber(use[START]) + WINDOW - now))
end

-- The tighter of the two scopes, for the x-ratelimit headers: limit, remaining, milliseconds to the window's end.
local function tightest(policies, uses, policy_field, use_field)
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

local function windows(policies, uses)
  return tightest(policies, uses, 3, REQUESTS) .. '|' .. tightest(policies, uses, 4, WINDOW_TOKENS)
end

-- holding: what running calls hold of what is missing, and will release what they do not use of it.
local function refusal(kind, scope, limit, remaining, retry, available, holding, policies, uses)
  return 'refused|' .. kind .. '|' .. scope .. '|' .. limit .. '|' .. remaining .. '|' .. retry .. '|' .. available .. '|' .. (holding or '0')
    .. '|' .. windows(policies, uses)
end

-- Holds are kept by account. Of a key with running calls, they are its own at most to the amount that it has spent.
local function holding_of(use, period, held)
  if tonumber(use[RUNNING]) > 0 then
    return lesser(held, use[period])
  end
  return '0'
end

-- Why no call at all may run: one of LIVES, or nothing.
local function lifeless(policies)
  if policies[2][2] ~= 'A' then
    return 'suspended'
  end
  if policies[1][2] ~= 'A' then
    return 'revoked'
  end
  if policies[1][9] ~= '-' and tonumber(policies[1][9]) <= now then
    return 'expired'
  end
end

-- Which limit on the number of calls is reached: kind, scope, limit, milliseconds to wait; or nothing.
local function crowded(policies, uses)
  for i = 1, 2 do
    local max = policies[i][5]
    if max ~= '-' and tonumber(uses[i][RUNNING]) >= tonumber(max) then
      return 'concurrency', SCOPES[i], max, '1000'
    end
  end
  for i = 1, 2 do
    local max = policies[i][3]
    if max ~= '-' and tonumber(uses[i][REQUESTS]) >= tonumber(max) then
      return 'requests', SCOPES[i], max, window_end(uses[i])
    end
  end
end
