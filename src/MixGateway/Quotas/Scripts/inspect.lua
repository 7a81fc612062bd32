-- include: clock money call
-- INSPECT: what the store knows of an account and, if asked, whether a key is alive. Changes nothing.
-- KEYS: account. ARGV: clock, key (or ''), store (or '').
local a = redis.call('HMGET', KEYS[1], 'base', 'ver', 'pend', 'held', 'policy', 'k:' .. ARGV[2], 'store')
if not a[3] or (ARGV[3] ~= '' and a[7] ~= ARGV[3]) or (ARGV[2] ~= '' and not a[6]) then
  return 'load'
end
local key, version = '-', '0'
if a[6] then
  local policy = fields(a[6])
  version, key = policy[1], policy[2]
  if key == 'A' and policy[9] ~= '-' and tonumber(policy[9]) <= now then
    key = 'E'
  end
end
return 'ok|' .. a[1] .. '|' .. a[2] .. '|' .. a[3] .. '|' .. a[4] .. '|' .. sub(sub(a[1], a[3]), a[4]) .. '|' .. fields(a[5])[2] .. '|' .. key .. '|' .. version
