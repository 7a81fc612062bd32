-- The calls are the truth, the account's counters are derived from them: this adds the counters up anew.
-- match(call) picks the calls; spend counts what they hold or were charged, by the periods they were admitted in.
local function recount(all, match)
  local sum = {pend = '0', held = '0', running = 0, calls = 0}
  for i = 1, #all, 2 do
    if all[i] ~= '#' then
      local call = parse(all[i + 1])
      if call[STATE] ~= 'X' and match(call) then
        sum.calls = sum.calls + 1
        if call[STATE] == 'S' then
          sum.pend = add(sum.pend, call[COST])
        else
          sum.held = add(sum.held, call[HOLD])
        end
        if call[STATE] == 'H' and call[KIND] == 'C' then
          sum.running = sum.running + 1
        end
      end
    end
  end
  return sum
end

-- Adds the calls that match to a usage that was read from the database, which knows nothing of them yet.
local function spend_of(all, match, use)
  for i = 1, #all, 2 do
    if all[i] ~= '#' then
      local call = parse(all[i + 1])
      if call[STATE] ~= 'X' and call[KIND] == 'C' and match(call) then
        local amount = call[HOLD]
        if call[STATE] == 'S' then
          amount = call[COST]
        end
        spend(use, call[DAY], call[MONTH], amount)
      end
    end
  end
end
