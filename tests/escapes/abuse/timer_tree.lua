-- Each timer sets two more.
-- load: error
-- event: error
local function tree()
  mall.after(0, tree)
  mall.after(0, tree)
end
tree()
