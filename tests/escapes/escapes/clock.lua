-- The clock of the machine.
-- load: ok
-- event: ok
local a, b = os.clock(), os.time()
for i = 1, 20000 do
  local _ = i
end
if os.clock() ~= a or os.time() ~= b or mall.now() ~= a then
  mall.log "ESCAPED the clock runs"
end
