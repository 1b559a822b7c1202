-- Timers that set themselves again at once.
-- load: ok
-- event: error
local function again()
  mall.after(0, again)
end
for _ = 1, 10 do
  mall.after(0, again)
end
