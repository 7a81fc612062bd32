-- include: call
-- INFLIGHT: the ids of an account's calls and debits, with commas between. Changes nothing.
-- KEYS: account, calls. ARGV: clock (not used), account.
local a = redis.call('HMGET', KEYS[1], 'pend', 'held')
if a[1] == '0' and a[2] == '0' then
  return ''
end
local all = redis.call('HGETALL', KEYS[2])
local ids = {}
for i = 1, #all, 2 do
  if all[i] ~= '#' then
    local call = parse(all[i + 1])
    if call[STATE] ~= 'X' and call[ACCOUNT] == ARGV[2] then
      ids[#ids + 1] = all[i]
    end
  end
end
return table.concat(ids, ',')
