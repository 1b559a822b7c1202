-- Sixty timers at the same time, each with slow calls just below the CPU time of an event.
-- load: budget
-- event: budget
local s = string.rep("a", 20000)
for _ = 1, 60 do
  pcall(mall.after, 0.05, function()
    for _ = 1, 300 do
      string.find(s, "a-b")
    end
  end)
end
