-- A call as it is kept in KEYS[2], the shard's hash of calls: header fields parted by '|', a line feed, and a record that only
-- gateways read. A later format may add fields at the header's end; what is not known here is carried along untouched.
local FORMAT, STATE, KIND, ACCOUNT, KEY, HOLD, COST, TOKENS = 1, 2, 3, 4, 5, 6, 7, 8
local ACCOUNT_WINDOW, KEY_WINDOW, DAY, MONTH, ADMITTED, STOP = 9, 10, 11, 12, 13, 14

local function fields(text)
  local list = {}
  for field in string.gmatch(text .. '|', '([^|]*)|') do
    list[#list + 1] = field
  end
  return list
end

local function parse(payload)
  local cut = string.find(payload, '\n', 1, true)
  return fields(string.sub(payload, 1, cut - 1)), string.sub(payload, cut + 1)
end

local function pack(call, record)
  return table.concat(call, '|') .. '\n' .. record
end
