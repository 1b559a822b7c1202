-- More handlers than there may be.
-- load: error
-- event: error
while true do
  mall.on("tick", function() end)
end
