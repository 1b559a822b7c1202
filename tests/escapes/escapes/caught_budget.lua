-- The error of the budget is caught and compared, then work goes on.
-- load: budget
-- event: budget
local ok, e = pcall(function()
  while true do end
end)
mall.log("ESCAPED the budget was caught " .. tostring(e))
