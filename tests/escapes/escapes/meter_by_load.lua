-- The meter's names by load, and text that closes the function around a loaded chunk.
-- load: ok
-- event: ok
for _, text in ipairs {
  "__meter = 1 << 60", "local __meter_spent = 1", "return function() __meter_slow = 9 end", "goto __meter ::__meter::",
  "end __x = 1 do", "end) __x = 1 (function()", "return 1 end while true do end do", "--[[", "'", "[==[", "return ... end",
} do
  local f = load(text)
  if f then
    mall.log("ESCAPED " .. text)
  end
end
