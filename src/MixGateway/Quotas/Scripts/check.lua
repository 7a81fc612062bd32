-- CHECK: every command that a call needs, on keys of its own. The first one that the store does not permit is its answer's error.
-- Nothing is added or removed after the first time: on Garnet keys that come and go fill the log.
-- KEYS: a text, a hash, a sorted set. ARGV: clock (not used).
redis.call('TIME')
redis.call('SET', KEYS[1], '1')
redis.call('GET', KEYS[1])
redis.call('HSET', KEYS[2], '#', '1')
redis.call('HSETNX', KEYS[2], '#', '1')
redis.call('HGET', KEYS[2], '#')
redis.call('HMGET', KEYS[2], '#')
redis.call('HGETALL', KEYS[2])
redis.call('HEXISTS', KEYS[2], '#')
redis.call('HLEN', KEYS[2])
redis.call('HDEL', KEYS[2], '-')
redis.call('ZADD', KEYS[3], '0', '#')
redis.call('ZSCORE', KEYS[3], '#')
redis.call('ZRANGEBYSCORE', KEYS[3], '0', '0')
redis.call('ZREM', KEYS[3], '-')
return 'ok'
