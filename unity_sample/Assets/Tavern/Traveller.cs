using UnityEngine;

namespace Tavern
{
    /// <summary>The player: walks with the arrow keys or WASD, talks with E or Return.</summary>
    public sealed class Traveller : MonoBehaviour
    {
        private const float MetresPerS = 3.2f;
        private const float Reach = 2.6f;

        /// <summary>Who is nearer than this is a customer.</summary>
        private const float Notice = 6f;

        private Talk _talk;
        private Person[] _people = new Person[0];
        private TextMesh _hint;

        /// <summary>Makes the figure, and tells it who is there.</summary>
        public void Make(Talk talk, Person[] people)
        {
            _talk = talk;
            _people = people;
            Build.Part(PrimitiveType.Capsule, transform, new Vector3(0, 0.7f, 0), new Vector3(0.6f, 0.7f, 0.5f), new Color(0.23f, 0.36f, 0.42f));
            Build.Part(PrimitiveType.Sphere, transform, new Vector3(0, 1.6f, 0), new Vector3(0.6f, 0.6f, 0.6f), new Color(0.83f, 0.66f, 0.52f));
            _hint = Build.Words(transform, new Vector3(0, 2.1f, 0), 0.04f);
        }

        /// <summary>Who is near enough to talk to; null: nobody.</summary>
        public Person Near()
        {
            Person nearest = null;
            float best = Reach;
            foreach (Person person in _people)
            {
                float distance = Vector3.Distance(person.transform.position, transform.position);
                if (distance < best)
                {
                    best = distance;
                    nearest = person;
                }
            }
            return nearest;
        }

        private void Update()
        {
            foreach (Person person in _people)
            {
                float distance = Vector3.Distance(person.transform.position, transform.position);
                person.Reactor.SetContext("haggling", distance < Notice && !_talk.IsTrue("has_lantern"));
            }
            Person near = _talk.IsOpen ? null : Near();
            _hint.text = near == null ? "" : "E: talk to " + near.Title;
            if (_talk.IsOpen)
            {
                return;
            }
            var step = new Vector3(Input.GetAxisRaw("Horizontal"), 0, Input.GetAxisRaw("Vertical"));
            Vector3 at = transform.localPosition + step * (MetresPerS * Time.deltaTime);
            transform.localPosition = new Vector3(Mathf.Clamp(at.x, -6f, 6f), 0, Mathf.Clamp(at.z, -3f, 1.2f));
            if (near != null && (Input.GetKeyDown(KeyCode.E) || Input.GetKeyDown(KeyCode.Return)))
            {
                _talk.Begin(near);
            }
        }
    }
}
