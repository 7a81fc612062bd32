-- Exact arithmetic on 64-bit amounts kept as decimal strings. A Lua number holds 53 bits on Redis (a double) and prints
-- differently on Garnet, so a long amount is split at its ninth digit and never becomes one number.
local BILLION = 1000000000
-- Up to this many characters two amounts, and their sum, are far below 2^53.
local SHORT = 15

local function split(amount)
  local sign = 1
  if string.sub(amount, 1, 1) == '-' then
    sign = -1
    amount = string.sub(amount, 2)
  end
  return sign * (tonumber(string.sub(amount, 1, -10)) or 0), sign * tonumber(string.sub(amount, -9))
end

local function carry(high, low)
  local over = math.floor(low / BILLION)
  return high + over, low - over * BILLION
end

local function join(high, low)
  local sign = ''
  high, low = carry(high, low)
  if high < 0 then
    sign = '-'
    high, low = carry(-high, -low)
  end
  if high == 0 then
    return sign .. string.format('%d', low)
  end
  return sign .. string.format('%d%09d', high, low)
end

local function add(a, b)
  if #a <= SHORT and #b <= SHORT then
    return string.format('%d', tonumber(a) + tonumber(b))
  end
  local a1, a2 = split(a)
  local b1, b2 = split(b)
  return join(a1 + b1, a2 + b2)
end

local function sub(a, b)
  if #a <= SHORT and #b <= SHORT then
    return string.format('%d', tonumber(a) - tonumber(b))
  end
  local a1, a2 = split(a)
  local b1, b2 = split(b)
  return join(a1 - b1, a2 - b2)
end

local function less(a, b)
  if #a <= SHORT and #b <= SHORT then
    return tonumber(a) < tonumber(b)
  end
  local a1, a2 = split(a)
  local b1, b2 = split(b)
  return (carry(a1 - b1, a2 - b2)) < 0
end

local function lesser(a, b)
  if less(a, b) then
    return a
  end
  return b
end

-- What a caller may pass in: digits alone (so never negative), and room for sums below 2^63.
local function refused(amount)
  return #amount > 18 or not string.match(amount, '^%d+$')
end
