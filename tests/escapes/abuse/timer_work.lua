-- Sixty timers at the same time, each nearly as dear as an event may be.
-- load: budget
-- event: budget
for _ = 1, 60 do
  pcall(mall.after, 0.05, function()
    for i = 1, 900000 do
      local _ = i
    end
  end)
end
