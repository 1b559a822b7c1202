-- collectgarbage by name, by _G and by load.
-- load: ok
-- event: ok
if collectgarbage or _G.collectgarbage or load("return collectgarbage")() then
  mall.log "ESCAPED collectgarbage"
end
