-- What counts against limits, of an account (field u) or of a key (field u:id), as one packed field:
-- start of the window, requests and tokens in it, calls running now, day and what was spent in it, month and what was spent in it, spent in all.
local START, REQUESTS, WINDOW_TOKENS, RUNNING, U_DAY, DAY_SPENT, U_MONTH, MONTH_SPENT, SPENT = 1, 2, 3, 4, 5, 6, 7, 8, 9
local WINDOW = 60000

local function usage(text)
  if text then
    return nine(text)
  end
  return {'0', '0', '0', '0', '', '0', '', '0', '0', ''}
end

local function packed(use)
  return table.concat(use, '|', 1, SPENT) .. use[SPENT + 1]
end

local function bump(use, field, change)
  use[field] = string.format('%d', math.max(0, tonumber(use[field]) + change))
end

-- Adds to the spend of the periods of a call; a period that is over is left alone.
local function spend(use, day, month, change)
  if use[U_DAY] == day then
    use[DAY_SPENT] = add(use[DAY_SPENT], change)
  end
  if use[U_MONTH] == month then
    use[MONTH_SPENT] = add(use[MONTH_SPENT], change)
  end
  use[SPENT] = add(use[SPENT], change)
end

local function correct_tokens(use, window, change)
  if use[START] == window then
    bump(use, WINDOW_TOKENS, change)
  end
end

-- Reads both usages of a call, lets change(use, window) edit each, and returns what to write: field, value, ...
-- A debit counts against no limit.
local function usages(call, change)
  if call[KIND] ~= 'C' then
    return {}
  end
  local names = {'u', 'u:' .. call[KEY]}
  local windows = {call[ACCOUNT_WINDOW], call[KEY_WINDOW]}
  local texts = redis.call('HMGET', KEYS[1], names[1], names[2])
  local writes = {}
  for i = 1, 2 do
    if texts[i] then
      local use = nine(texts[i])
      change(use, windows[i])
      writes[#writes + 1] = names[i]
      writes[#writes + 1] = packed(use)
    end
  end
  return writes
end
