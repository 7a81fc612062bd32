-- A call as it is kept in KEYS[2], the shard's hash of calls: header fields parted by '|', a line feed, and a record that only
-- gateways read. A later format may add fields at the header's end; what is not known here is carried along untouched.
local FORMAT, STATE, KIND, ACCOUNT, KEY, HOLD, COST, TOKENS = 1, 2, 3, 4, 5, 6, 7, 8
local ACCOUNT_WINDOW, KEY_WINDOW, DAY, MONTH, ADMITTED, STOP, LATER = 9, 10, 11, 12, 13, 14, 15
local RECORD = 16
-- Fourteen fields, whatever a later format added, the record. One match costs a third of a loop over the fields.
local CALL = '^([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)|([^|\n]*)([^\n]*)\n(.*)$'
local NINE = '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)(.*)$'

local function fields(text)
  local list = {}
  for field in string.gmatch(text .. '|', '([^|]*)|') do
    list[#list + 1] = field
  end
  return list
end

-- Policies of keys and usages have nine fields; what a later format added is the tenth.
local function nine(text)
  return {string.match(text, NINE)}
end

local function parse(payload)
  local call = {string.match(payload, CALL)}
  if not call[STATE] then
    return fields(string.match(payload, '^[^\n]*'))
  end
  return call, call[RECORD]
end

local function pack(call, record)
  return table.concat(call, '|', 1, STOP) .. (call[LATER] or '') .. '\n' .. record
end
