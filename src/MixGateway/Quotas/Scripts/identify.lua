-- include: owner
-- IDENTIFY: the name of the store's contents, and whose they are. Contents of another database are left as they are. Without a name,
-- under other servers than those that the name was given for, or where the asker has reason to think so, the contents may be older than
-- what was acknowledged: they get a new name. All gateways that ask get the same.
-- KEYS: id, calls of the first shard, what the asker left here. ARGV: clock (not used), servers, a new name, database (or ''),
-- what the asker left here last, what it leaves now ('' for nothing), '1' if the contents count as replaced.
-- Answers: the name, or 'foreign|' and the database whose contents these are.
local database = ARGV[4] or ''
if is_foreign(database) then
  return 'foreign|' .. redis.call('HGET', KEYS[2], '#')
end
take_over(database)
local replaced = ARGV[7] == '1'
if (ARGV[6] or '') ~= '' then
  -- Behind a proxy the server may be exchanged while the connection stays: what was left here would be gone, or older.
  if (redis.call('GET', KEYS[3]) or '') ~= ARGV[5] then
    replaced = true
  end
  redis.call('SET', KEYS[3], ARGV[6], 'PX', '3600000')
end
local known = redis.call('GET', KEYS[1])
if known and not replaced then
  local name, servers = string.match(known, '^([^|]*)|(.*)$')
  if servers == ARGV[2] then
    return name
  end
end
redis.call('SET', KEYS[1], ARGV[3] .. '|' .. ARGV[2])
return ARGV[3]
