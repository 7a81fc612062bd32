-- IDENTIFY: the name of the store's contents. Without one, or under other servers than those that it was given for, the contents
-- may be older than what was acknowledged: they get a new name. All gateways that ask get the same.
-- KEYS: id. ARGV: clock (not used), servers, a new name.
local known = redis.call('GET', KEYS[1])
if known then
  local name, servers = string.match(known, '^([^|]*)|(.*)$')
  if servers == ARGV[2] then
    return name
  end
end
redis.call('SET', KEYS[1], ARGV[3] .. '|' .. ARGV[2])
return ARGV[3]
