-- include: clock money call usage recount
-- EVICT: an account that was not used for long and has nothing in flight leaves the store, and so does such a key of an account that stays.
-- Nothing is lost: what they spent is booked, their windows are over, and whoever uses them next reads them from the database.
-- The counters alone are not trusted: an account stays while they or its calls say that something is in flight.
-- KEYS: account, calls, due (untouched). ARGV: clock, account, idle. Answers: ok, accounts and keys that left.
local idle = tonumber(ARGV[3])
local here = redis.call('HGETALL', KEYS[1])
if #here == 0 then
  return 'ok|0|0'
end
local a, keys = {}, {}
for i = 1, #here, 2 do
  a[here[i]] = here[i + 1]
  if string.sub(here[i], 1, 2) == 'k:' then
    keys[#keys + 1] = string.sub(here[i], 3)
  end
end
-- Brought in by a version that did not note it.
if not a['in'] then
  redis.call('HSET', KEYS[1], 'in', int(now))
  return 'ok|0|0'
end

-- Since the end of the last window, before which it may have been used, or since it was brought in.
local function is_idle(text)
  return now - math.max(tonumber(usage(text)[START]) + WINDOW, tonumber(a['in'])) > idle
end

local unused = {}
for _, key in ipairs(keys) do
  if is_idle(a['u:' .. key]) then
    unused[#unused + 1] = key
  end
end
local is_unused = #unused == #keys and is_idle(a['u'])
if #unused == 0 and not is_unused then
  return 'ok|0|0'
end

local calls = calls_of(redis.call('HGETALL', KEYS[2]), ARGV[2])
if is_unused and #calls == 0 and (a['pend'] or '0') == '0' and (a['held'] or '0') == '0' then
  redis.call('DEL', KEYS[1])
  return 'ok|1|' .. int(#keys)
end
local busy, left = {}, 0
for _, call in ipairs(calls) do
  busy[call[KEY]] = true
end
for _, key in ipairs(unused) do
  if not busy[key] then
    redis.call('HDEL', KEYS[1], 'k:' .. key, 'u:' .. key)
    left = left + 1
  end
end
return 'ok|0|' .. int(left)
