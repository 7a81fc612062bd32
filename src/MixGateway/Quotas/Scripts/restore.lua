-- include: clock money call usage owner
-- RESTORE: the store lost a call that still runs; it is held again without asking whether the account can afford it.
-- KEYS: account, calls, due. ARGV: clock, call, account, key, hold, tokens, lease, day, month, cost, record, database (or '').
-- Answers: ok, load, or foreign for a shard with calls of another database.
local id, hold = ARGV[2], ARGV[5]
if refused(hold) or refused(ARGV[6]) or refused(ARGV[10]) then
  return redis.error_reply('a hold, its tokens and a cost must not be negative')
end
if is_foreign(ARGV[12]) then
  return 'foreign'
end
if redis.call('HEXISTS', KEYS[2], id) == 1 then
  return 'ok'
end
local a = redis.call('HMGET', KEYS[1], 'held', 'u', 'u:' .. ARGV[4])
if not a[1] then
  return 'load'
end
local writes = {'held', add(a[1], hold)}
local windows = {'-', '-'}
local names = {'u', 'u:' .. ARGV[4]}
for i = 1, 2 do
  if a[i + 1] then
    local use = nine(a[i + 1])
    bump(use, RUNNING, 1)
    spend(use, ARGV[8], ARGV[9], hold)
    writes[#writes + 1] = names[i]
    writes[#writes + 1] = packed(use)
  end
end
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[7])), id)
redis.call('HSET', KEYS[1], unpack(writes))
redis.call('HSET', KEYS[2], id, pack({'1', 'H', 'C', ARGV[3], ARGV[4], hold, ARGV[10], ARGV[6], windows[1], windows[2],
  ARGV[8], ARGV[9], int(now), '0'}, ARGV[11]))
return 'ok'
