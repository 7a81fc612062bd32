-- include: clock money call usage base
-- ACK: the database has the record. Forgets the call, gives back what it held, and takes over the base if it is newer.
-- A call that was not settled here has its tokens corrected here, if its owner says how many it used.
-- KEYS: account, calls, due. ARGV: clock, call, balance, version, charged, tokens (or ''), 1 if balance and version are those right after this booking.
if refused(ARGV[4]) or refused(ARGV[5]) or (ARGV[6] ~= '' and refused(ARGV[6])) then
  return redis.error_reply('a version, a charge and its tokens must not be negative')
end
local known = redis.call('HGET', KEYS[2], ARGV[2])
local a = redis.call('HMGET', KEYS[1], 'base', 'ver', 'pend', 'held', 'ahead')
local call = known and parse(known)
if call and call[STATE] == 'X' then
  call = nil
end
if call then
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
end

local writes = {}
if call and a[3] then
  local before = call[HOLD]
  if call[STATE] == 'S' then
    before = call[COST]
    writes = {'pend', sub(a[3], before)}
  else
    writes = {'held', sub(a[4], before)}
  end
  local changes = usages(call, function(use, window)
    if call[STATE] == 'H' then
      bump(use, RUNNING, -1)
    end
    if call[STATE] ~= 'S' and ARGV[6] ~= '' then
      correct_tokens(use, window, tonumber(ARGV[6]) - tonumber(call[TOKENS]))
    end
    spend(use, call[DAY], call[MONTH], sub(ARGV[5], before))
  end)
  for _, value in ipairs(changes) do
    writes[#writes + 1] = value
  end
end
-- Also of an account that the store has lost: whoever brings it in at this moment may have read it before this booking.
if not a[2] or less(a[2], ARGV[4]) then
  local noted = a[5] or ''
  local base, version, ahead
  if a[2] and ARGV[7] == '1' then
    base, version, ahead = booked(a[1], a[2], noted, ARGV[3], ARGV[4], ARGV[5])
  else
    base, version, ahead = rebase(ARGV[3], ARGV[4], noted)
  end
  for _, value in ipairs({'base', base, 'ver', version, 'ahead', ahead}) do
    writes[#writes + 1] = value
  end
end
-- Hold and base change in one write: a hold given back before the charge shows in the base could be spent twice.
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return 'ok'
