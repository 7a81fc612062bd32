-- The base of an account is the database's balance as of a version. Bookings are told one by one, by several replicas and in any
-- order. Taking over the balance of a later one would count what lies between twice, once in it and once as pending, and refuse
-- calls that can be paid for. So a booking that is ahead of its turn only takes its charge off the base, and is noted as
-- ';version:charge' behind the time since which the version has not moved, until the versions before it are there.
-- Beyond so many characters (some 300 bookings), or if what is missing does not come (its gateway died, and the call was lost here),
-- the later balance is taken over all the same: too little is available then, never too much.
local AHEAD_MOST, AHEAD_PATIENCE = 8192, 5000

-- The balance as the database had it at a version, less what is noted beyond that.
local function rebase(balance, version, ahead)
  local rest = ''
  for noted, charge in string.gmatch(ahead, ';(%d+):(%d+)') do
    if less(version, noted) then
      balance = sub(balance, charge)
      rest = rest .. ';' .. noted .. ':' .. charge
    end
  end
  while rest ~= '' do
    local following = add(version, '1')
    local from, to = string.find(rest, ';' .. following .. ':%d+')
    if not from then
      break
    end
    version, rest = following, string.sub(rest, 1, from - 1) .. string.sub(rest, to + 1)
  end
  if rest ~= '' then
    rest = int(now) .. rest
  end
  return balance, version, rest
end

local function overdue(ahead)
  return now - tonumber(string.match(ahead, '^%d+') or now) > AHEAD_PATIENCE
end

-- A booking by its own version, with the balance right after it.
local function booked(base, known, ahead, balance, version, charge)
  if version == add(known, '1') or #ahead > AHEAD_MOST or overdue(ahead) then
    return rebase(balance, version, ahead)
  end
  if string.find(ahead, ';' .. version .. ':', 1, true) then
    return base, known, ahead
  end
  if ahead == '' then
    ahead = int(now)
  end
  return sub(base, charge), known, ahead .. ';' .. version .. ':' .. charge
end
