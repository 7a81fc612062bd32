-- The calls are the truth, the account's counters are derived from them: this adds the counters up anew. Both go once over the calls,
-- whatever the number of keys, for nobody else is answered meanwhile.

-- The calls of an account, each parsed once.
local function calls_of(all, account)
  local calls = {}
  for i = 1, #all, 2 do
    if all[i] ~= '#' then
      local call = parse(all[i + 1])
      if call[STATE] ~= 'X' and call[ACCOUNT] == account then
        call.id = all[i]
        calls[#calls + 1] = call
      end
    end
  end
  return calls
end

local function is_running(call)
  return call[STATE] == 'H' and call[KIND] == 'C'
end

-- What calls hold, what they were charged, how many run, and how many of these by key.
local function recount(calls)
  local sum = {pend = '0', held = '0', running = 0, by_key = {}}
  for _, call in ipairs(calls) do
    if call[STATE] == 'S' then
      sum.pend = add(sum.pend, call[COST])
    else
      sum.held = add(sum.held, call[HOLD])
    end
    if is_running(call) then
      sum.running = sum.running + 1
      sum.by_key[call[KEY]] = (sum.by_key[call[KEY]] or 0) + 1
    end
  end
  return sum
end

-- Adds calls to a usage that was read from the database: what they hold or were charged, by the periods they were admitted in. Of those
-- whose record was in the reading, the charge is in it too; their ACK corrects what they hold here to that charge, so it is taken off first.
local function spend_of(calls, use, booked)
  for _, call in ipairs(calls) do
    if call[KIND] == 'C' then
      local amount = call[HOLD]
      if call[STATE] == 'S' then
        amount = call[COST]
      end
      if booked[call.id] then
        amount = sub(amount, booked[call.id])
      end
      spend(use, call[DAY], call[MONTH], amount)
    end
  end
end
