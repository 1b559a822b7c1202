-- Many timers in one batch, each within its budget.
-- load: budget
-- event: budget
local a = ("x"):rep(500000) .. "a"
local b = ("x"):rep(500000) .. "b"
for i = 1, 60 do
  mall.every(0.1, function()
    for k = 1, 800 do local x = a == b end
  end)
end
