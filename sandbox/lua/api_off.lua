-- Ending handlers, whatever they listen to.
local K = ...
local type = type
local mall, handlers = K.mall, K.handlers

-- Takes a handle out of a table of handlers by event; whether it was there. Makes a new list, as this one may be walked now.
function K.take_off(by_event, handle)
  local list, kept = by_event[handle.event] or {}, {}
  for i = 1, #list do
    if list[i] ~= handle then
      kept[#kept + 1] = list[i]
    end
  end
  if #kept < #list then
    by_event[handle.event] = kept[1] and kept or nil
    return true
  end
end

function K.offs.mall(handle)
  if K.take_off(handlers, handle) then
    K.handler_count = K.handler_count - 1
  end
end

-- What entity:off and kind:off do: `owner` is the handle that they were called at.
function K.off_of(handle, kind, owner, what)
  if type(handle) ~= "table" or handle.of ~= kind or handle[kind] ~= owner then
    K.bad(what .. ":off takes what " .. what .. ":on of the same gave, got " .. K.shown(handle))
  end
  K.offs[kind](handle)
end

function mall.off(handle)
  local off = type(handle) == "table" and K.offs[handle.of]
  if not off then
    K.bad("mall.off takes what an `on` gave, got " .. K.shown(handle))
  end
  off(handle)
end
