-- include: clock money call usage recount
-- REPAIR: makes an account's counters what its calls say, and puts calls without a due time up for the next sweep.
-- KEYS: account, calls, due. ARGV: clock, account, lease.
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held')
if not a[2] then
  return 'load'
end
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if all[i] ~= '#' then
    redis.call('ZADD', KEYS[3], 'NX', int(now + tonumber(ARGV[3])), all[i])
  end
end
local function of_account(call)
  return call[ACCOUNT] == ARGV[2]
end
local sum = recount(all, of_account)
local writes = {'pend', sum.pend, 'held', sum.held}
local account = redis.call('HGETALL', KEYS[1])
for i = 1, #account, 2 do
  local name = account[i]
  if name == 'u' or string.sub(name, 1, 2) == 'u:' then
    local key = string.sub(name, 3)
    local use = nine(account[i + 1])
    use[RUNNING] = int(recount(all, function(call)
      return of_account(call) and (name == 'u' or call[KEY] == key)
    end).running)
    writes[#writes + 1] = name
    writes[#writes + 1] = packed(use)
  end
end
redis.call('HSET', KEYS[1], unpack(writes))
return 'ok|' .. a[2] .. '|' .. a[3] .. '|' .. sum.pend .. '|' .. sum.held
