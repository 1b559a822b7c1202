-- More timers than there may be.
-- load: error
-- event: error
while true do
  mall.after(1, function() end)
end
