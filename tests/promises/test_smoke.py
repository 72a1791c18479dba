import time
from tests.running.people import *
import pytest
@pytest.mark.parametrize("kind", ["demo","real"])
def test_smoke(open_house, quick_database, kind):
    t=time.time()
    house=open_house(kind, quick_database)
    print("start", time.time()-t); t=time.time()
    v=Visitor(house); v.writes(what="mốc"); v.presses("Gửi"); assert v.code
    print("web", time.time()-t); t=time.time()
    c=Chat(house, 7391845026173); tell(c,"qua tele"); c.taps("Gửi"); print(c.hears)
    print("tele", time.time()-t); t=time.time()
    if kind=="demo":
        h=Handset(house); tell(h,"qua phone"); h.taps("Gửi"); assert h.code
        print("phone", time.time()-t); t=time.time()
    o=Officer(house,"phuong.binh","ward"); q=o.queue(); print(len(q)); print(o.opens(q[0]["id"])["messages"][0]["text"])
    assert o.answers(q[0]["id"],"cảm ơn")==204
    print("desk", time.time()-t); t=time.time()
    m=house.caller("machine","metrics"); print(m.get("/metrics").text[:60])
    print(house.log.getvalue()[-1500:])
