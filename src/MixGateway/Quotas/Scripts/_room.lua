-- What a call that turned out dearer than its hold may be charged beyond it: what is available, and at most what is left of every
-- spend limit of its key and its account. The counters have the call's own hold in them, which is always chargeable.
-- Nothing where that is not known: the counter of the call's day or month is over, or the store has lost the key.
local function room(call, available)
  local parts = redis.call('HMGET', KEYS[1], 'policy', 'u', 'k:' .. call[KEY], 'u:' .. call[KEY])
  local most = available
  for i = 1, 3, 2 do
    if not parts[i] or not parts[i + 1] then
      return '0'
    end
    local policy, use = nine(parts[i]), nine(parts[i + 1])
    local periods = {{policy[6], use[U_DAY] == call[DAY], use[DAY_SPENT]}, {policy[7], use[U_MONTH] == call[MONTH], use[MONTH_SPENT]}, {policy[8], true, use[SPENT]}}
    for _, period in ipairs(periods) do
      local max, is_counted, spent = period[1], period[2], period[3]
      if max ~= '-' then
        if not is_counted then
          return '0'
        end
        most = lesser(most, sub(max, spent))
      end
    end
  end
  if less(most, '0') then
    return '0'
  end
  return most
end
