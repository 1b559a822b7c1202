-- Long texts are kept, and the error of the full memory is caught.
-- load: budget|memory
-- event: budget|memory
local t = {}
while true do
  pcall(function()
    t[#t + 1] = string.rep("x", 10000) .. #t
  end)
end
