import random, sys, time
from pathlib import Path
import tests.promises.killing as k
from tests.promises.town import Town
def test_dbg(ward, nursery=None):
    from tests.promises.nursery import Nursery
    nursery = Nursery()
    seed=11; import os; mode=os.environ.get("MODE","webhook")
    with k.grounds_of(ward, nursery, mode, seed, repeats=0.1) as grounds:
        town = Town(grounds.post, grounds.base, seed)
        town.__enter__()
        k.kill_at_random(grounds, random.Random(seed), 8)
        life = grounds.birth()
        try: town.wait_all_done(15)
        except AssertionError as e:
            print(e)
            for c in town.chats:
                if not c.done:
                    print(c.mark, c.chat, c.trail)
                    for m in grounds.post.messages(c.chat)[-3:]:
                        print("   ", m.id, m.text[:50].replace("\n"," "), [b["text"]+"|"+b["callback_data"] for b in m.buttons])
                    print([ (n,u) for n,u in grounds.post._state.updates.items()][-5:])
                    print(grounds.post.deliveries[-10:])
                    c.done=True
            print(Path(grounds.log).read_text()[-6000:]); print([c for c in grounds.post.calls if "delete" in c.method][-5:])
    nursery.close()
